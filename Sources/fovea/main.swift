import Foundation
import Telemetry

StandardStreams.occupy()
// Without this, writing to a closed pipe would end the program; now write(2) fails with EPIPE, which becomes a sentence.
signal(SIGPIPE, SIG_IGN)
// The same for a file that grows past the limit of `ulimit -f`.
signal(SIGXFSZ, SIG_IGN)
exit(Program.run(Files.arguments))
