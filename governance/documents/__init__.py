"""Official papers from plain data. Pure: imports no app."""
