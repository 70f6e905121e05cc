"""Training attempts and what becomes of them: runs, jobs and promoted models."""
