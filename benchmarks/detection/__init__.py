"""What is found of known defects, and how often a healthy gateway is accused."""
