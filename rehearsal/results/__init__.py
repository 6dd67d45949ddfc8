"""The result model: what a check found and on what evidence; waivers, redaction, the store on disk."""
