/* Many servers, one cause: the CA that issued for all of them has expired, minutes ago. Nothing was changed on any of them. */
#include "lab/story.h"

#define SHOP(number)                                                                                  \
	{                                                                                             \
		.name = "shop-" number,                                                               \
		.story = "One of a row of servers; the CA that issued for all of them has expired, 9 minutes ago.", \
		.expect = "chain.intermediate-expired", .mendable = true, .server = { .leaf = "server-lapsed" },        \
	}

static const struct story shops[] = {
	SHOP("01"), SHOP("02"), SHOP("03"), SHOP("04"), SHOP("05"), SHOP("06"), SHOP("07"), SHOP("08"),
	SHOP("09"), SHOP("10"), SHOP("11"), SHOP("12"), SHOP("13"), SHOP("14"), SHOP("15"), SHOP("16"),
	SHOP("17"), SHOP("18"), SHOP("19"), SHOP("20"), SHOP("21"), SHOP("22"), SHOP("23"), SHOP("24"),
};

const struct story_table stories_fleet = { "A row of servers behind one CA", shops, sizeof shops / sizeof shops[0] };
