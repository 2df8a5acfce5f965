"""A backup in a folder, and the way back from it (docs/decisions/0031-backup.md)."""
