import Capture
import Foundation
import Settings
import Telemetry

/// `fovea devices`: the cameras of this machine.
enum DevicesCommand: Command {
  static let spec = CommandSpec(
    name: "devices", summary: "list cameras with their formats, sizes, rates and controls",
    discussion: """
      A camera may be named by its path, by a lasting name under /dev/v4l (which does not depend on the order of plugging \
      in), or by camera:NAME with its own name or a part of it. A * marks the formats that Fovea reads, with the word for \
      --camera-format after them.
      """,
    options: [ProgramArguments.json, all],
    examples: [
      ("fovea devices", "lists the cameras"),
      ("fovea devices --all", "adds every size, rate and control"),
      ("fovea devices --json | jq '.cameras[].path'", "prints the paths"),
    ])

  private static let all = Option("all", short: "a", "list every size with its rates, and the controls")

  static func run(_ arguments: ParsedArguments) throws {
    let (cameras, problems) = CameraCatalog.list()
    for problem in problems { Log.warning(problem) }
    let report = DevicesReport(cameras)
    if arguments[ProgramArguments.json] { return try Terminal.writeJSON(report) }
    guard !cameras.isEmpty else {
      let hint =
        problems.isEmpty ? "plug one in; 'ls /dev/video*' shows what the kernel knows" : "see the warnings above"
      return try Terminal.writeOut("There is no camera: \(hint).\n")
    }
    try Terminal.writeOut(report.text(all: arguments[all]))
  }
}
