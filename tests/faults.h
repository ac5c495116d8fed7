/*
 * Our certificate with each fault that servers refuse, and what it was issued by: "us" is the good one; "us-other",
 * "us-self", "us-expired" … say what is wrong.
 */
#ifndef TESTS_FAULTS_H
#define TESTS_FAULTS_H

#include "tests/chains.h"

struct chains *faults_make(void); /* ended by chains_free() */

#endif
