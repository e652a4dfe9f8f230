/* An agent of libnice that is driven by lines, and sends back what it hears. */

#include <agent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static NiceAgent *agent;
static guint stream;
static gboolean trickles;
static GMainLoop *loop;
static GSList *remotes;

static void say(const char *format, ...) {
  va_list args;
  va_start(args, format);
  vprintf(format, args);
  va_end(args);
  putchar('\n');
  fflush(stdout);
}

static void tell_candidate(NiceCandidate *candidate) {
  gchar *line = nice_agent_generate_local_candidate_sdp(agent, candidate);
  say("candidate %s", line + strlen("a=candidate:"));
  g_free(line);
}

/* Credentials, and all candidates that there are. */
static void describe(void) {
  gchar *ufrag, *pwd;
  nice_agent_get_local_credentials(agent, stream, &ufrag, &pwd);
  say("local %s %s", ufrag, pwd);
  GSList *all = nice_agent_get_local_candidates(agent, stream, 1);
  for (GSList *item = all; item; item = item->next) tell_candidate(item->data);
  g_slist_free_full(all, (GDestroyNotify)nice_candidate_free);
}

static void found(NiceAgent *a, NiceCandidate *candidate, gpointer data) {
  if (trickles) tell_candidate(candidate);
}

static void gathered(NiceAgent *a, guint s, gpointer data) {
  if (!trickles) describe();
  say("end");
}

static void changed(NiceAgent *a, guint s, guint component, guint state, gpointer data) {
  say("state %s", nice_component_state_to_string(state));
}

static void heard(NiceAgent *a, guint s, guint component, guint len, gchar *bytes, gpointer data) {
  nice_agent_send(agent, stream, 1, len, bytes);
}

static void obey(char *line) {
  char *rest = strchr(line, ' ');
  if (rest) *rest++ = 0;
  if (!strcmp(line, "remote")) {
    char *pwd = strchr(rest, ' ');
    *pwd++ = 0;
    nice_agent_set_remote_credentials(agent, stream, rest, pwd);
  } else if (!strcmp(line, "candidate")) {
    gchar *text = g_strdup_printf("a=candidate:%s", rest);
    NiceCandidate *candidate = nice_agent_parse_remote_candidate_sdp(agent, stream, text);
    g_free(text);
    if (!candidate) return;
    remotes = g_slist_append(remotes, candidate);
    if (trickles) nice_agent_set_remote_candidates(agent, stream, 1, g_slist_last(remotes));
  } else if (!strcmp(line, "end")) {
    if (trickles) nice_agent_peer_candidate_gathering_done(agent, stream);
    else nice_agent_set_remote_candidates(agent, stream, 1, remotes);
    g_slist_free_full(remotes, (GDestroyNotify)nice_candidate_free);
    remotes = NULL;
  } else if (!strcmp(line, "restart")) {
    nice_agent_restart(agent);
    describe();
    say("end");
  }
}

static gboolean input(GIOChannel *channel, GIOCondition condition, gpointer data) {
  gchar *line = NULL;
  if (g_io_channel_read_line(channel, &line, NULL, NULL, NULL) != G_IO_STATUS_NORMAL) {
    g_main_loop_quit(loop);
    return FALSE;
  }
  obey(g_strchomp(line));
  g_free(line);
  return TRUE;
}

/* Arguments: controlling or controlled, whole or trickled, udp or tcp. */
int main(int count, char **words) {
  trickles = !strcmp(words[2], "trickled");
  loop = g_main_loop_new(NULL, FALSE);
  /* Without these it nominates aggressively, as RFC 5245 has it. */
  NiceAgentOption modern = NICE_AGENT_OPTION_REGULAR_NOMINATION | NICE_AGENT_OPTION_CONSENT_FRESHNESS
      | NICE_AGENT_OPTION_ICE_TRICKLE;
  agent = nice_agent_new_full(NULL, NICE_COMPATIBILITY_RFC5245, trickles ? modern : NICE_AGENT_OPTION_NONE);
  g_object_set(agent, "upnp", FALSE, "controlling-mode", !strcmp(words[1], "controlling"), NULL);
  gboolean tcp = !strcmp(words[3], "tcp");
  g_object_set(agent, "ice-tcp", tcp, "ice-udp", !tcp, NULL);
  NiceAddress address;
  nice_address_init(&address);
  nice_address_set_from_string(&address, "127.0.0.1");
  nice_agent_add_local_address(agent, &address);
  g_signal_connect(agent, "new-candidate-full", G_CALLBACK(found), NULL);
  g_signal_connect(agent, "candidate-gathering-done", G_CALLBACK(gathered), NULL);
  g_signal_connect(agent, "component-state-changed", G_CALLBACK(changed), NULL);
  stream = nice_agent_add_stream(agent, 1);
  nice_agent_attach_recv(agent, stream, 1, NULL, heard, NULL);
  GIOChannel *channel = g_io_channel_unix_new(0);
  g_io_add_watch(channel, G_IO_IN | G_IO_HUP, input, NULL);
  if (trickles) describe();
  nice_agent_gather_candidates(agent, stream);
  g_main_loop_run(loop);
  return 0;
}
