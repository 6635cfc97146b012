import Foundation
import Models
import Telemetry
import TestSupport
import Testing

@Suite struct SidecarTests {
  private func read(_ toml: String, labels: String? = nil) throws -> Sidecar {
    try TestData.withTemporaryFolder { folder in
      let file = folder.appendingPathComponent("model.toml")
      try Data(toml.utf8).write(to: file)
      if let labels { try Data(labels.utf8).write(to: folder.appendingPathComponent("labels.txt")) }
      return try Sidecar(path: file.path)
    }
  }

  @Test func everyKeyIsRead() throws {
    let sidecar = try read(
      """
      name = "Tiny"
      description = "small"
      labels = "labels.txt"
      [input]
      size = [96, 128]
      resize = "squash"
      resize_to = 140
      color = "bgr"
      scale = 1
      mean = [104, 117, 123.5]
      std = 2.0
      [classes]
      offset = 1
      [output]
      activation = "none"
      """, labels: "n01440764 tench, Tinca tinca\r\ngoldfish\nn0 odd, line\n\n")
    #expect(sidecar.name == "Tiny" && sidecar.description == "small")
    #expect(sidecar.labels == ["tench", "goldfish", "n0 odd, line"])
    #expect(sidecar.size?.height == 96 && sidecar.size?.width == 128)
    #expect(sidecar.fit == .squash && sidecar.resizeTo == 140 && sidecar.color == .bgr)
    #expect(sidecar.scale == 1 && sidecar.mean == [104, 117, 123.5] && sidecar.std == [2])
    #expect(sidecar.classOffset == 1 && sidecar.activation == OutputActivation.none)
  }

  @Test func labelsMayStandInTheSidecarItself() throws {
    #expect(try read("labels = ['猫', \"dog\"]").labels == ["猫", "dog"])
  }

  @Test func synonymsOfImageNetAreLeftOut() {
    #expect(Labels.parse("background\ntench, Tinca tinca\nhen") == ["background", "tench", "hen"])
    #expect(Labels.parse("red, warm\nblue") == ["red, warm", "blue"])
    #expect(Labels(["a\u{1b}[31m\u{0}b"]).names == ["a [31m b"])
    #expect(Labels(numbered: 18)[17] == "class 17")
  }

  @Test(arguments: [
    ("[input\nsize=1", "line 1"),
    ("labls = 'x'", "did you mean 'labels'?"),
    ("[input]\nmeen = 1", "'input.meen'"),
    ("[input]\nresize = 'corp'", "did you mean 'crop'?"),
    ("[input]\nsize = [0, 5]", "'input.size' must be from 1 to 16384 pixels"),
    ("[input]\nsize = [1, 2, 3]", "'input.size'"),
    ("[input]\nscale = nan", "'input.scale'"),
    ("input = 3", "'input' must be a table"),
    ("labels = 5", "'labels' must be a list of texts or a file name"),
    ("labels = 'nowhere.txt'", "nowhere.txt"),
    ("[classes]\noffset = 0.5", "'classes.offset' must be a whole number"),
    ("[classes]\noffset = -9999999", "'classes.offset'"),
    ("labels = '${FOVEA_NO_SUCH}/x'", "FOVEA_NO_SUCH, which is not set"),
    ("x = 1979-05-27", "'x'"),
    ("a = 1\na = 2", "line 2"),
  ]) func mistakesAreNamed(toml: String, expected: String) {
    let error = #expect(throws: UserError.self) { try read(toml) }
    #expect(error?.description.contains(expected) == true, "\(String(describing: error))")
  }
}
