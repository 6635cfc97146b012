import Glibc
import Telemetry

/// Standard input, output and error that the caller has closed.
enum StandardStreams {
  /// Puts something that can neither be read nor written in the place of those that are closed. Otherwise the next file that is opened
  /// would get the number, and be taken for them.
  static func occupy() {
    for (descriptor, mode) in [(STDIN_FILENO, O_WRONLY), (STDOUT_FILENO, O_RDONLY), (STDERR_FILENO, O_RDONLY)]
    where fcntl(descriptor, F_GETFD) < 0 {
      _ = open("/dev/null".fileName, mode)
    }
  }
}
