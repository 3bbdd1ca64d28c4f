"""The lesson's models side by side, on 나비야 and on real music."""
