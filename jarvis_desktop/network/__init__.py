"""What leaves the computer: each connection is noted, and under the seal refused."""
