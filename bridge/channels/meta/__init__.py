"""What all of Meta's products share: calls to the Graph API, its refusals, webhooks, sign-ins."""
