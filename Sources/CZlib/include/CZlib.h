// zlib, as it is: the check sums of zip archives.
#pragma once
#include <zlib.h>
