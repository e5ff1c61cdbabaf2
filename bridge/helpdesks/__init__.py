"""One module (or folder) per helpdesk; `contract` says what the flow asks of it."""
