"""The reference email gateway: an API that accepts mails, a worker that sends them, and its schema."""
