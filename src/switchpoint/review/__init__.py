"""A review: the pages that deck, report and PDF show, as plain data."""
