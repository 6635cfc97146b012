import Explanations
import Telemetry
import Testing

private let labels = ["tench", "goldfish", "tiger cat", "cat minus ears"] + (4..<10).map { "class \($0)" }

private func parse(_ text: String) throws -> Target {
  try Target(text, labels: labels) { name in
    guard ["relu3", "a:b"].contains(name) else { throw UserError("no layer '\(name)'", .usage) }
    return name
  }
}

@Suite struct TargetTests {
  @Test func targetsAreParsed() throws {
    #expect(try parse("top") == .top)
    #expect(try parse("goldfish") == .score(.index(1), minus: nil))
    #expect(try parse("Tiger Cat") == .score(.index(2), minus: nil))
    #expect(try parse("7") == .score(.index(7), minus: nil))
    #expect(try parse("second minus first") == .score(.rank(1), minus: .rank(0)))
    #expect(try parse("tench minus 3") == .score(.index(0), minus: .index(3)))
    #expect(try parse("cat minus ears") == .score(.index(3), minus: nil))
    #expect(try parse("channel:relu3:4") == .channel(layer: "relu3", 4))
    #expect(try parse("unit:a:b:4:1:2") == .unit(layer: "a:b", channel: 4, position: .init(y: 1, x: 2)))
    #expect(try parse("unit:relu3:4") == .unit(layer: "relu3", channel: 4, position: nil))
    #expect(try parse("norm:relu3") == .norm(layer: "relu3"))
  }

  @Test(arguments: [
    ("goldfsh", "did you mean 'goldfish'?"), ("12", "classes 0 to 9"), ("top minus goldfihs", "did you mean"),
    ("channel:relu3", "channel:LAYER:K"), ("unit:relu3:1:2", "unit:LAYER:K"), ("norm:relu4", "no layer 'relu4'"),
    ("zzzzzzzzzzzz", "a target is"), ("channel:relu3:-1", "channel:LAYER:K"),
  ]) func unknownTargetsAreNamed(text: String, expected: String) {
    let sentence = complaint { _ = try parse(text) }
    #expect(sentence.contains(expected), "\(sentence)")
  }

  @Test(arguments: [
    (Target.score(.index(10), minus: nil), "there is no class 10"),
    (.channel(layer: "relu3", 16), "channels 0 to 15"),
    (.unit(layer: "relu3", channel: 0, position: .init(y: 8, x: 0)), "8 rows"),
    (.norm(layer: "relu33"), "did you mean 'relu3'?"),
  ]) func targetsThatTheNetworkLacksAreNamed(target: Target, expected: String) throws {
    let reference = try Reference("gap")
    let sentence = complaint { _ = try reference.explainer("occlusion", target: target) }
    #expect(sentence.contains(expected), "\(sentence)")
  }

  @Test func scoresFollowTheTarget() throws {
    let reference = try Reference("gap")
    func score(_ target: Target) throws -> Float {
      let explainer = try reference.explainer("eigen-cam", target: target)
      try reference.session.run()
      try explainer.explain()
      return explainer.score
    }
    let scores = try reference.maps.tensor("scores").array.sorted(by: >)
    #expect(abs(try score(.top) - scores[0]) < 1e-5)
    #expect(abs(try score(.score(.rank(1), minus: .rank(0))) - (scores[1] - scores[0])) < 1e-5)
    #expect(try score(.score(.index(3), minus: .index(3))) == 0)
    _ = try score(.channel(layer: "relu3", 2))
    let channel = Array(reference.session.tap("relu3")!.floats[128..<192])
    #expect(abs(try score(.channel(layer: "relu3", 2)) - channel.reduce(0, +) / 64) < 1e-5)
    #expect(try score(.unit(layer: "relu3", channel: 2, position: nil)) == channel.max())
    #expect(try score(.unit(layer: "relu3", channel: 2, position: .init(y: 3, x: 4))) == channel[3 * 8 + 4])
    let all = reference.session.tap("relu3")!.floats.reduce(0) { $0 + $1 * $1 }.squareRoot()
    #expect(abs(try score(.norm(layer: "relu3")) - all) < 1e-4)
  }

  @Test func layersWithoutPositionsAreRefused() throws {
    let reference = try Reference("fc")
    let sentence = complaint { _ = try reference.explainer("eigen-cam", layers: .named(["fc1"])) }
    #expect(sentence.contains("without positions") && sentence.contains("'pool2'"), "\(sentence)")
    let unknown = complaint { _ = try reference.explainer("eigen-cam", layers: .named(["rel3"])) }
    #expect(unknown.contains("did you mean 'relu"), "\(unknown)")
    let cam = complaint { _ = try reference.explainer("cam") }
    #expect(cam.contains("global mean") && cam.contains("grad-cam"), "\(cam)")
    #expect(try reference.explainer("eigen-cam", layers: .automatic).layers == ["pool2"])
    #expect(try Reference("gap").explainer("eigen-cam", layers: .automatic).layers == ["relu3"])
    // For a part of a layer, the last one before it.
    let unit = Target.channel(layer: "relu2", 3)
    #expect(try Reference("gap").explainer("grad-cam", target: unit, layers: .automatic).layers == ["conv2"])
  }

  @Test func patchesThatDoNotFitAreRefused() throws {
    let reference = try Reference("fc")
    var options = MethodOptions()
    options.patch = 40
    #expect(complaint { _ = try reference.explainer("occlusion", options: options) }.contains("at most 32"))
    (options.patch, options.cells) = (nil, 99)
    #expect(complaint { _ = try reference.explainer("rise", options: options) }.contains("too many"))
    #expect(complaint { _ = try MethodTable.method(named: "occlusoin") }.contains("did you mean 'occlusion'?"))
  }
}
