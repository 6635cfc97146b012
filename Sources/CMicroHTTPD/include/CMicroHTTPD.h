// libmicrohttpd, with shims for what Swift cannot import.
#pragma once
#include <microhttpd.h>
