/** One message: an article named after its author. */
import { Component } from "preact";
import type { Delivery, MessageView } from "../../../core/node/view.ts";
import { Avatar } from "../components/avatar.tsx";
import { t } from "../strings.ts";
import { formatClock } from "../time.ts";

export interface MessageProps {
  readonly message: MessageView;
  readonly authorId: string;
  readonly contactName: string;
  readonly opensGroup: boolean;
  /** The last of one's own: its "Delivered" stays in sight, that of others shows on hover. */
  readonly isLastOwn: boolean;
}

/** Drawn again only when something in it changed: of a long log, one message in a hundred does. */
export class Message extends Component<MessageProps> {
  override shouldComponentUpdate(next: MessageProps): boolean {
    const { message, ...rest } = this.props;
    const { message: nextMessage, ...nextRest } = next;
    return !sameFields(rest, nextRest) || !sameFields(message, nextMessage);
  }

  override render(props: MessageProps) {
    return <Drawn {...props} />;
  }
}

function sameFields<T extends object>(a: T, b: T): boolean {
  return (Object.keys(a) as (keyof T)[]).every((key) => Object.is(a[key], b[key]));
}

function Drawn({ message, authorId, contactName, opensGroup, isLastOwn }: MessageProps) {
  const time = formatClock(message.sentAtMs);
  const label = t("messageLabel", { name: message.authorName, time });
  return (
    <article class={opensGroup ? "message opens" : "message"} aria-label={label} data-id={message.id}>
      <span class="message-side">
        {opensGroup
          ? <Avatar id={authorId} name={message.authorName} />
          : <span class="message-time" aria-hidden="true">{time}</span>}
      </span>
      <div class="message-body">
        {opensGroup && (
          <p class="message-head">
            <span class="message-author">{message.authorName}</span>
            <time dateTime={new Date(message.sentAtMs).toISOString()}>{time}</time>
          </p>
        )}
        <p class="message-text">{message.text}</p>
      </div>
      {message.delivery && (
        <span class={`delivery ${message.delivery}${isLastOwn ? " last" : ""}`}>
          {deliveryText(message.delivery, contactName)}
        </span>
      )}
    </article>
  );
}

function deliveryText(delivery: Delivery, name: string): string {
  return delivery === "waiting" ? t("waiting", { name }) : t(delivery);
}
