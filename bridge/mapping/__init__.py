"""Reading the admins' rules: YAML in, checked as a whole, then pure questions."""
