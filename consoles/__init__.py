"""The hall in a browser: operator panel and live hall page. Shows one published view, asks the coordinator, decides nothing."""
