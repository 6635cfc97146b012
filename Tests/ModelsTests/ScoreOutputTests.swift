import Foundation
import Inference
import Models
import Tensors
import TestSupport
import Testing

/// Which output holds the class scores, what its numbers are, and where the scores before a softmax lie.
@Suite struct ScoreOutputTests {
  private func load(_ name: String, sidecar toml: String? = nil, output: String? = nil) throws -> Model {
    try TestData.withTemporaryFolder { folder in
      let sidecar = folder.appendingPathComponent("side.toml")
      try Data((toml ?? "").utf8).write(to: sidecar)
      let path = TestData.root.appendingPathComponent("Tests/Models/Small/\(name).onnx").path
      return try Model.load(path: path, sidecar: sidecar.path, overrides: ModelOverrides(output: output))
    }
  }

  /// Values of the model for a picture of planes 1, 2 and -1.5.
  private func values(_ model: Model, _ names: [String]) throws -> [[Float]] {
    let session = try CompiledNetwork(model.graph, options: NetworkOptions(threads: 1)).session(taps: names)
    let input = session.inputs[0].view.floats
    for i in input.indices { input[i] = [1, 2, -1.5][i / 64] }
    try session.run()
    return try names.map { Array(try #require(session.tap($0)).floats) }
  }

  private func setting(_ key: String, _ model: Model) -> String? { model.settings.first { $0.key == key }?.value }

  @Test(arguments: ["qdq", "clip", "concat", "written_out", "transpose"])
  func probabilitiesAreFoundBehindWhatFollowsTheSoftmax(tail: String) throws {
    let model = try load("tail_\(tail)")
    #expect(model.activation == .none && model.outputsProbabilities)
    let explained = try #require(model.scores)
    let found = try values(model, [explained, "logits"])
    #expect(found[0] == found[1], "\(explained)")
    #expect(setting("output.holds", model)?.contains("probabilities") == true)
  }

  /// The scores that go into a table of class names are the output, and the names are its labels.
  @Test func aTableOfClassesIsItsScores() throws {
    let model = try load("class_table")
    #expect(model.labels.names == (0..<6).map { "kind \($0)" })
    #expect(model.activation == .none && model.outputsProbabilities)
    #expect(model.graph.values[model.graph.outputs[model.outputIndex]].name == "p")
    #expect(model.graph.nodes.count == 4, "what only leads to the text is left out")
  }

  @Test func perCentBecomeProbabilities() throws {
    let model = try load("tail_percent")
    #expect(model.activation == .none && model.outputsProbabilities)
    let output = model.graph.values[model.graph.outputs[model.outputIndex]].name
    let found = try values(model, [output, "p", try #require(model.scores), "logits"])
    #expect(zip(found[0], found[1]).allSatisfy { abs($0 - $1) < 1e-6 })
    #expect(zip(found[2], found[3]).allSatisfy { abs($0 - $1) < 1e-5 })
  }

  @Test func aClassThatIsCutOffIsCutOffOfTheScoresToo() throws {
    let model = try load("tail_slice")
    #expect(model.activation == .none && model.labels.names.count == 5)
    let found = try values(model, [try #require(model.scores), "logits"])
    #expect(found[0] == Array(found[1][1...]))
  }

  @Test func theMeanOfTwoNetworksIsExplainedByTheMeanOfTheirScores() throws {
    let model = try load("tail_mean")
    #expect(model.activation == .none)
    let found = try values(model, [try #require(model.scores), "left", "right"])
    #expect(found[0] == zip(found[1], found[2]).map { ($0 + $1) / 2 })
  }

  @Test func logarithmsAndScoresAreToldApart() throws {
    #expect(try load("tail_log").activation == .exp)
    #expect(try load("tail_relu").activation == .softmax)
    #expect(try load("tail_sigmoids").activation == .none)
    #expect(try load("softmax").scores == "mixed")
  }

  @Test func oneNumberIsTwoClasses() throws {
    let logit = try load("one_logit", sidecar: "labels = ['cat']")
    #expect(logit.activation == .sigmoid && logit.labels.names == ["not cat", "cat"])
    let scores = try values(logit, [try #require(logit.scores), "logits"])
    #expect(scores[0] == [-scores[1][0], scores[1][0]])
    let sigmoid = try load("one_sigmoid")
    #expect(sigmoid.activation == .none && sigmoid.labels.names == ["class 0", "class 1"])
    let output = sigmoid.graph.values[sigmoid.graph.outputs[sigmoid.outputIndex]].name
    let found = try values(sigmoid, [output, "y", try #require(sigmoid.scores), "logits"])
    #expect(found[0] == [1 - found[1][0], found[1][0]] && found[2] == [-found[3][0], found[3][0]])
  }

  @Test func theClassifierIsFoundAmongOutputs() throws {
    #expect(setting("output.name", try load("embedding_first")) == "logits")
    let top = try load("topk_only")
    #expect(top.labels.names.count == 6 && top.scores == "logits" && top.warnings.isEmpty)
    let four = try load("two_heads", sidecar: "labels = ['a', 'b', 'c', 'd']")
    #expect(setting("output.name", four) == "shape" && four.warnings.isEmpty)
  }

  @Test func twoHeadsAreAnnouncedAndCanBeNamed() throws {
    let model = try load("two_heads")
    #expect(setting("output.name", model) == "color")
    #expect(
      model.warnings.contains {
        $0.contains("'color' (3 classes), 'shape' (4 classes)") && $0.contains("--output-name")
      })
    for named in [try load("two_heads", output: "shape"), try load("two_heads", sidecar: "[output]\nname = 'shape'")] {
      #expect(setting("output.name", named) == "shape" && named.labels.names.count == 4 && named.warnings.isEmpty)
    }
    let error = #expect(throws: (any Error).self) { try load("two_heads", output: "shaep") }
    #expect("\(error.map { "\($0)" } ?? "")".contains("did you mean 'shape'"))
    let wrong = #expect(throws: (any Error).self) { try load("topk_only", output: "indices") }
    #expect("\(wrong.map { "\($0)" } ?? "")".contains("one float32 score per class"))
  }
}
