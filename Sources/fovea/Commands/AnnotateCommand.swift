import Settings
import Telemetry

/// `fovea annotate`: any video in, annotated video out.
enum AnnotateCommand: Command {
  static func run(_ arguments: ParsedArguments) throws {
    throw UserError("annotate is being built.")
  }
}
