import Frames
import Inference
import Settings
import Telemetry

/// How many frames `fovea annotate` gives the network at a time.
///
/// Fully connected layers read all their weights for every run; several frames at a time read them once. Only what can
/// wait is gathered: a file, never a camera or a stream.
enum BatchChoice {
  /// Frames at a time where a batch is faster.
  private static let standard = 4
  /// With fewer weights in fully connected layers, reading them is a small part of the work.
  private static let weightsAtLeast = 16 << 20
  /// The most frames that are held at once, including those between the analysed ones.
  private static let mostFrames = 64

  /// The batch that the command line asks for, else the faster choice. `source` is nil for an input that cannot wait.
  static func frames(_ arguments: ParsedArguments, network: CompiledNetwork, source: (any FrameSource)?) throws -> Int {
    let wanted = arguments[AnnotateCommand.batch]
    if arguments.has(AnnotateCommand.saliency) {
      guard wanted ?? 1 == 1 else {
        throw UserError("--batch does not go with --saliency, which explains frame by frame.", .usage)
      }
      return 1
    }
    guard let source, !source.info.isLive, !arguments[InputArguments.realtime] else {
      if wanted ?? 1 > 1 { Log.warning("--batch has no effect here: frames that come in real time do not wait") }
      return 1
    }
    let every = arguments[AnnotateCommand.every]
    if let wanted { return min(wanted, max(1, mostFrames / every)) }
    let pays =
      every == 1 && network.graph.fullyConnectedWeights >= weightsAtLeast
      && source.info.frameCount ?? .max >= 2 * standard && (try? network.batched(standard)) != nil
    if pays { Log.debug("\(standard) frames at a time: the network has large fully connected layers") }
    return pays ? standard : 1
  }
}
