int tcv_stray;
