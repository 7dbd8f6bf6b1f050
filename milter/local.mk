# milter/: postwelle-milter. Everything but main.c is in a library, so that tests can link it.
