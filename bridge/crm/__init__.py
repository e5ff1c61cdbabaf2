"""The customer history for a CRM: who is whom, what was said, in which order it changed."""
