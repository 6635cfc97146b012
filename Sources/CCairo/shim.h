// Cairo and Pango as one module: vector drawing and text in any script.
#pragma once
#include <cairo.h>
#include <pango/pangocairo.h>
