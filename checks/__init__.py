"""What is verified: a folder for each chapter of the runbook, a file for each section."""
