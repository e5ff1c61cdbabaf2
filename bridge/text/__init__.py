"""Text for networks and for people: weighing, splitting, HTML to text, sentences."""
