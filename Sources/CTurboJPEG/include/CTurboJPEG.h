// libjpeg-turbo's TurboJPEG interface, as it is.
#pragma once
#include <turbojpeg.h>
