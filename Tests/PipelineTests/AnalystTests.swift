import Foundation
import Frames
import Imaging
import Inference
import Models
import Synchronization
import Telemetry
import Tensors
import TestSupport
import Testing

@testable import Pipeline

/// One look answers all wishes, and slow explanations delay no others.
@Suite struct AnalystTests {
  private func analyst(_ name: String = "tiny", threads: Int = 1, batch: Int = 1) throws -> Analyst {
    let model = try Model.load(path: TestData.tinyModel)
    var options = NetworkOptions()
    options.threads = threads
    return try Analyst(model, CompiledNetwork(model.graph, options: options), batch: batch)
  }

  private func frame(_ number: Int) -> Frame {
    let frame = TestPictures.frame(
      FrameFormat(pixelFormat: .yuv420p, width: 96, height: 64, timeBase: Rational(1, 25))
    ) { x, y, c in c == 0 ? 40 + (x * (number + 1) + y * 3) % 160 : 128 }
    (frame.sequence, frame.pts) = (UInt64(number), Int64(number))
    return frame
  }

  private func layer(_ analyst: Analyst) throws -> String {
    try #require(analyst.summary.layers.first { $0.outputShape.rank == 4 && $0.outputShape[2] > 1 }).value
  }

  @Test func anAnalysisIsNotFilledAgainWhileItIsHeld() throws {
    let analyst = try analyst()
    let wishes = Wishes(top: 3, layers: [try layer(analyst)], explanations: [.init(method: "grad-cam")], input: true)
    let first = try analyst.look(frame(0), wishes)
    let (scores, values) = (first.scores, Array(first.layers[0].values.view.floats))
    let (map, input) = (Array(first.explanations[0].shown.view.floats), Array(try #require(first.input).view.floats))
    for number in 1..<20 { _ = try analyst.look(frame(number), wishes) }
    #expect(first.scores == scores && Array(first.layers[0].values.view.floats) == values)
    #expect(Array(first.explanations[0].shown.view.floats) == map && Array(first.input!.view.floats) == input)
    #expect(first.explanations[0].frame == 0)
  }

  @Test func whatElseIsWishedForChangesNoNumber() throws {
    let (plain, rich) = (try analyst(), try analyst())
    var all = Wishes(top: 3, layers: [try layer(rich)], explanations: [.init(method: "grad-cam")], input: true)
    all.explanations += [.init(method: "guided-backprop"), .init(method: "occlusion")]
    for number in 0..<4 {
      let (a, b) = (try plain.look(frame(number), Wishes(top: 3)), try rich.look(frame(number), all))
      #expect(a.scores == b.scores && a.top == b.top)
      #expect(b.explanations.map(\.method.name) == ["grad-cam", "guided-backprop", "occlusion"])
      #expect(b.explanations.allSatisfy { $0.frame == UInt64(number) })
    }
  }

  @Test func framesOfABatchGetTheNumbersThatTheyGetAlone() throws {
    let (one, four) = (try analyst(), try analyst(batch: 4))
    let wishes = Wishes(top: 2, layers: [try layer(one)])
    let frames = (0..<3).map(frame)
    let alone = try frames.map { try one.look($0, wishes).scores }
    var together: [[Float]] = []
    try four.look(frames, wishes) { together.append($1.scores) }
    #expect(alone == together)
  }

  /// Two makers of one wish would share a session, of whose gradients the second one's preparation takes the first one's away.
  @Test func equalWishesAreMetOnce() throws {
    let (one, two) = (try analyst(), try analyst())
    let wish = ExplanationWish(method: "gradient")
    for number in 0..<3 {
      let single = try one.look(frame(number), Wishes(explanations: [wish]))
      let double = try two.look(frame(number), Wishes(explanations: [wish, wish]))
      #expect(double.explanations.count == 1)
      #expect(
        Array(double.explanations[0].raw.view.floats) == Array(single.explanations[0].raw.view.floats))
    }
  }

  @Test func aWishThatCannotBeMetIsSaid() throws {
    let analyst = try analyst()
    let wish = ExplanationWish(method: "grad-cam", target: "unheard of")
    let analysis = try analyst.look(frame(0), Wishes(explanations: [wish, .init(method: "gradient")]))
    #expect(analysis.problems[wish]?.contains("unheard of") == true)
    #expect(analysis.explanations.map(\.method.name) == ["gradient"])
    #expect(throws: UserError.self) { try analyst.prepare(Wishes(explanations: [wish]), for: frame(0).format) }
  }

  /// An explanation of very many runs beside the frames: frames have their analyses meanwhile, and it says which frame it is of.
  @Test func aSlowExplanationHoldsUpNoFrame() throws {
    let analyst = try analyst()
    var slow = ExplanationWish.video(method: "rise")
    (slow.pace, slow.options.masks) = (.beside, 1_000_000)
    var quick = ExplanationWish.video(method: "grad-cam")
    quick.pace = .beside
    for number in 0..<30 {
      let analysis = try analyst.look(frame(number), Wishes(explanations: [slow, quick]))
      // The quick one shares the frame's own pass.
      #expect(analysis.explanation(quick)?.frame == UInt64(number) && analysis.explanation(slow) == nil)
    }
    var soon = slow
    soon.options.masks = 4
    var found: Explanation?
    for number in 30..<20_000 where found == nil {
      found = try analyst.look(frame(number % 50), Wishes(explanations: [soon, quick])).explanation(soon)
    }
    #expect(found?.method.name == "rise" && analyst.news > 0)
    analyst.rest()
  }

  @Test func moreThanSixBesideAreTooMany() throws {
    let analyst = try analyst()
    let wishes = (0..<8).map { index in
      var wish = ExplanationWish.video(method: "rise", target: "\(index)")
      (wish.pace, wish.options.masks) = (.beside, 1_000_000)
      return wish
    }
    let analysis = try analyst.look(frame(0), Wishes(explanations: wishes))
    #expect(analysis.problems.count == 2 && analysis.problems[wishes[7]]?.contains("Too many") == true)
    analyst.rest()
  }

  /// Many callers share one analyst's network; every one gets the numbers that it gets alone.
  @Test func analystsOfOneNetworkAgree() throws {
    let model = try Model.load(path: TestData.tinyModel)
    var options = NetworkOptions()
    options.threads = 2
    let network = try CompiledNetwork(model.graph, options: options)
    let expected = try (0..<8).map { try Analyst(model, network).look(frame($0), Wishes()).scores }
    let wrong = Atomic<Int>(0)
    DispatchQueue.concurrentPerform(iterations: 4) { _ in
      do {
        let analyst = try Analyst(model, network)
        for number in 0..<8 where try analyst.look(frame(number), Wishes()).scores != expected[number] {
          wrong.add(1, ordering: .relaxed)
        }
      } catch { wrong.add(100, ordering: .relaxed) }
    }
    #expect(wrong.load(ordering: .relaxed) == 0)
  }
}
