/* gone.c: the library that a plugin was linked to and that is not found when it is loaded. */
int attnlab_test_gone(void);
int attnlab_test_gone(void) { return 1; }
