import AllocationCounter
import Explanations
import Frames
import Imaging
import Inference
import Models
import Pipeline
import Synchronization
import Telemetry
import Tensors
import Testing

/// Notes how many allocations the presenting thread has made when each frame is written.
private final class CountingSink: FrameSink {
  var counts: [Int]

  init(frames: Int) {
    counts = []
    counts.reserveCapacity(frames)
  }

  func open(_ format: FrameFormat, companions: (any CompanionStreams)?) throws {}
  func write(_ frame: Frame) throws { counts.append(fovea_thread_allocation_count()) }
  func write(_ packet: any CompanionPacket) throws {}
  func finish(_ ending: Ending) throws {}
  func abort() {}
}

@Suite(.serialized) struct SteadyStateTests {
  @Test func theCounterSeesAllocations() {
    let before = fovea_allocation_count()
    let array = [Int](repeating: 1, count: Int.random(in: 1000...2000))
    #expect(fovea_allocation_count() > before && array.count >= 1000)
  }

  #if !DEBUG
    /// Only the optimiser keeps temporary values off the heap, so this holds in release builds.
    /// Each thread's own allocations count, since other tests run at the same time: of the analysing thread between two
    /// runs of the network, preprocessing included, and of the presenting one.
    @Test func aFrameAllocatesNothing() throws {
      let (log, sink) = (AllocationLog(capacity: 3000), CountingSink(frames: 3000))
      let job = try job(
        log, sink, Wishes(top: 2, layers: ["mean"]), [SaliencyOverlay.name, TopClassesPanel.name, FeatureMosaic.name])
      _ = try job.run()
      for counts in [sink.counts, log.counts] {
        #expect(counts.count == 3000)
        #expect(counts[2900] - counts[1000] == 0, "allocations in 1900 frames")
      }
    }

    /// A map on every frame, drawn with all that there is to draw, in 4:2:0.
    @Test func aMapAllocatesNothing() throws {
      let (log, sink) = (AllocationLog(capacity: 3000), CountingSink(frames: 3000))
      let job = try job(
        log, sink, Wishes(explanations: [.video(method: "eigen-cam")]),
        [SaliencyOverlay.name, TopClassesPanel.name, CropFrame.name])
      _ = try job.run()
      for counts in [sink.counts, log.counts] {
        #expect(counts.count == 3000)
        #expect(counts[2900] - counts[1000] == 0, "allocations in 1900 frames")
      }
    }

  #endif

  /// A job over 3000 frames that notes the allocations of its analysing and its presenting thread.
  private func job(
    _ log: AllocationLog, _ sink: CountingSink, _ wishes: Wishes, _ overlays: Set<String>
  ) throws -> AnnotationJob {
    let (graph, model) = try brightnessModel(log: log)
    var network = NetworkOptions()
    network.threads = 1
    var options = AnnotationOptions()
    options.wishes = wishes
    var presentation = Presentation()
    presentation.sink = sink
    presentation.style.overlays = overlays
    (presentation.style.heat.contour, presentation.style.heat.showsPeak) = (0.5, true)
    return try AnnotationJob(
      source: GreySource(count: 3000), analyst: Analyst(model, CompiledNetwork(graph, options: network)),
      presenter: Presenter(presentation, source: "grey"), options: options)
  }
}
