/*
 * How access keys of the practice lab are told from all others: these four characters come after AKIA and ASIA. AWS writes its keys in
 * base32, which has no “0”: no key of an account looks so, and where one of the lab's goes, whoever answers, nothing real is touched.
 */
#ifndef AWS_LAB_KEY_H
#define AWS_LAB_KEY_H

#define LAB_KEY_MARK "0LAB"

#endif
