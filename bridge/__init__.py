"""A bridge between social networks and a helpdesk."""
