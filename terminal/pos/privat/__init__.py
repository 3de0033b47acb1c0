"""PrivatBank ECR JSON 1.0.3.1 (17.01.2025): a Ukrainian card terminal that speaks JSON."""
