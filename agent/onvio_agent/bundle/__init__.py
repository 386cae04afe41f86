"""What a support person is sent: masked facts of one profile, in one file. Blocking; reads only."""
