"""Connecting an account: what is asked, what is tried before anything is kept, where it goes."""
