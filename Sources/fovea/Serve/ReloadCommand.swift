import Service
import Settings
import Telemetry

/// `fovea reload`: makes the running service read its configuration again.
enum ReloadCommand: Command {
  static let spec = CommandSpec(
    name: "reload", summary: "make the running service apply a changed configuration",
    discussion: """
      Checks the configuration first and changes nothing when it is wrong. Cameras whose settings are the same go on without a gap, \
      and so do their viewers.
      """,
    options: [ServeCommand.config] + ProgramArguments.options,
    examples: [("fovea reload", "after a change of /etc/fovea/fovea.toml")])

  static func run(_ arguments: ParsedArguments) throws {
    ProgramArguments.apply(arguments)
    let configuration = try ServiceFaults.told { try ServiceConfiguration.read(arguments[ServeCommand.config]) }
    try ServiceLock.reload(Storage(configuration.storage))
    Log.info("the configuration is applied")
  }
}
