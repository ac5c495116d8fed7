/* The order in which people expect names. */
#ifndef MODEL_NATURAL_H
#define MODEL_NATURAL_H

/* "payment-2" before "payment-10"; ASCII letters compare without case. As for qsort. */
int natural_order(const char *a, const char *b);

#endif
