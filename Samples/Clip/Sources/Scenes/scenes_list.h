// Every scene's painter.
#pragma once

#include "paint.h"

Paint paintBeacon, paintBus, paintEspresso, paintGoldfish, paintJellyfish, paintMushroom, paintOrange;
