/* Amazon Resource Names: arn:PARTITION:SERVICE:REGION:ACCOUNT:RESOURCE. */
#ifndef AWS_ARN_H
#define AWS_ARN_H

#include <stdbool.h>

struct arn {
	char partition[24], service[40], region[40], account[16];
	char resource[320]; /* all that follows: "certificate-authority/UUID/certificate/HEX" */
};

bool arn_parse(const char *text, struct arn *out); /* false: it is none; region and account may be empty */
/* The CA's ARN of a private certificate's ARN, into out (at least 201 bytes); false where it is none. */
bool arn_ca_of_certificate(const char *arn, char *out, unsigned long out_size);
/* The last part of a private CA's ARN: its UUID; NULL where it is none. Borrowed. */
const char *arn_ca_id(const char *arn);

#endif
