import Foundation
import TestSupport
import Testing

@testable import Settings
@testable import fovea

/// The help of every command against committed texts. A missing one is recorded and fails; delete one to record it again.
@Suite struct HelpTests {
  private static let folder = TestData.root.appendingPathComponent("Tests/foveaTests/Help")

  @Test(arguments: Program.commands.map { $0.spec.name }) func helpIsAsItWas(command: String) throws {
    let spec = try #require(Program.commands.first { $0.spec.name == command }).spec
    let (text, file) = (helpText(for: spec), Self.folder.appendingPathComponent("\(command).txt"))
    guard let data = FileManager.default.contents(atPath: file.path) else {
      try Data(text.utf8).write(to: file)
      Issue.record("\(command).txt was missing and has been recorded")
      return
    }
    #expect(String(decoding: data, as: UTF8.self) == text)
  }

  @Test(arguments: Program.commands.map { $0.spec.name }) func namesMeanOneThing(command: String) throws {
    let spec = try #require(Program.commands.first { $0.spec.name == command }).spec
    #expect(Set(spec.options.map(\.name)).count == spec.options.count)
    let letters = spec.options.compactMap(\.short)
    #expect(Set(letters).count == letters.count)
    // The same option is explained by the same words everywhere.
    for other in Program.commands.map({ $0.spec }) {
      for option in spec.options where ["Input", "Camera", "Network", "Engine", "Program"].contains(option.section) {
        guard let twin = other.options.first(where: { $0.name == option.name && $0.section == option.section }) else {
          continue
        }
        #expect(option.help == twin.help && option.standard == twin.standard, "\(option.name)")
      }
    }
  }
}
