import Explanations
import Foundation
import Frames
import Imaging
import Telemetry
import Tensors
import Testing

@testable import Pipeline

/// The JSON of a frame (Docs/JSON.md), the same in files and over HTTP.
@Suite struct FrameReportTests {
  private func frame(pts: Int64?) -> Frame {
    let frame = Frame(
      FrameFormat(pixelFormat: .gray, width: 64, height: 48, timeBase: Rational(1, 12800)))
    (frame.sequence, frame.pts) = (7, pts)
    return frame
  }

  private func json(_ report: FrameReport) throws -> String {
    String(decoding: try JSONText.data(report), as: UTF8.self)
  }

  @Test func unknownValuesAreNull() throws {
    let analysis = Analysis(network: NetworkFacts(name: "net", scoresAreProbabilities: true))
    analysis.top = [
      ClassScore(label: "cat \"1\"", index: 3, confidence: 0.2500004),
      ClassScore(label: "", index: 4, confidence: .nan),
    ]
    (analysis.times.inference, analysis.times.preprocess) = (0.00123456, 0.0005)
    let report = FrameReport(
      ShownFrame(frame(pts: nil), analysis, nil), source: "a.mp4", isFresh: false, timing: [.decode: .infinity])
    #expect(
      try json(report)
        == #"{"analysed":false,"frame":7,"model":"net","pts":null,"resolution":[64,48],"saliency":null,"source":"a.mp4","timestamp":null,"timing":{"decode":0,"inference":0,"preprocess":0,"saliency":0},"top":[{"confidence":0.25,"label":"cat \"1\"","label_id":3},{"confidence":null,"label":"","label_id":4}],"version":1}"#
    )
    let fresh = FrameReport(ShownFrame(frame(pts: -512), analysis, nil), source: "a.mp4", top: 1)
    #expect(fresh.timing["inference"] == 1.235 && fresh.timestamp == -0.04 && fresh.pts == -512)
    #expect(fresh.top.count == 1)
  }

  /// Peak and box lie on the picture, also where the network's input reaches beyond it.
  @Test func explanationsAreInPicturePixels() throws {
    let analysis = Analysis(network: NetworkFacts(name: "net", scoresAreProbabilities: true))
    analysis.placement = InputPlacement(left: -8, top: 0, width: 80, height: 48)
    let explanation = Explanation(
      ExplanationWish(method: "gradient"), method: GradientInfo.info, layers: [], height: 1, width: 1)
    (explanation.peak, explanation.box) = ((0.5, 0.25), (0, 0.5, 1, 0.51))
    (explanation.target, explanation.frame, explanation.seconds) = ("cat", 5, 0.5)
    let report = FrameReport(ShownFrame(frame(pts: 12800), analysis, explanation), source: "s")
    let saliency = try #require(report.saliency)
    #expect(saliency.peak == [32, 12] && saliency.box == [0, 24, 64, 24] && saliency.layer == nil)
    (explanation.peak, explanation.box) = (nil, nil)
    let empty = try #require(FrameReport(ShownFrame(frame(pts: 12800), analysis, explanation), source: "s").saliency)
    #expect(empty.peak == nil && empty.box == nil)
    #expect(saliency.frame == 5 && saliency.ageS == 0.5 && saliency.target == "cat")
  }

  private enum GradientInfo {
    static var info: MethodInfo {
      MethodTable.all.map { $0.info }.first { $0.name == "gradient" }
        ?? MethodInfo("gradient", "", "", paper: "", needs: [], cost: "")
    }
  }
}
