"""What tests share: the test server and its throw-away databases."""
