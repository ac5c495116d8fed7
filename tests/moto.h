/* moto, an emulator of AWS that this project did not write, as a server of its own on 127.0.0.1. */
#ifndef TESTS_MOTO_H
#define TESTS_MOTO_H

#include <stdbool.h>
#include <sys/types.h>

/*
 * Starts it with an empty state. unchecked: after so many calls every signature is checked, by botocore's own code, and every
 * policy; 0: none ever is. False where there is no moto_server: said once, and where CI is set a failure.
 */
bool moto_start(const char *folder, unsigned unchecked, pid_t *pid, char url[64]);

#endif
