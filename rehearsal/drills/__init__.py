"""What a drill does with a replica: back up, break, restore by the runbook, and say what came back."""
