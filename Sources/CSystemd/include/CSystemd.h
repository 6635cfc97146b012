// libsystemd: notifications, sockets that were passed, the journal.
#pragma once
#include <systemd/sd-daemon.h>
#include <systemd/sd-journal.h>
